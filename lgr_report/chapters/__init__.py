"""One folder a chapter: what it computes, its charts, its words, and a ``CHAPTER`` that says so."""
