"""What any page is made of: figures, tables, words, templates."""
