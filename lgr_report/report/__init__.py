"""What a reader sees: cells, figures, charts, sections, pages."""
