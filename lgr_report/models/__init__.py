"""Models, a noun a module: options, demand, cost, posts, quality, deficits, partners, ledger."""
