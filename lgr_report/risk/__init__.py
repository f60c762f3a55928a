"""The register: risks, maturity, assessments, residual risk and its uncertainty."""
