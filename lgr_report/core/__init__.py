"""What chapters share: footprints, options, demand, metrics, intervals, regressions, findings."""
