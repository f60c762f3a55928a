"""What compares chapters: side by side, trade-offs, the ledger, sections of the county report."""
