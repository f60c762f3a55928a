"""Runs of the notebooks: plan, kernels, checks, publishing, manifests, executors."""
