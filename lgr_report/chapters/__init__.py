"""One folder a chapter: what it computes, its charts, its words."""
