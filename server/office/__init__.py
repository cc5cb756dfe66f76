"""Pages for people: what a browser shows, with no program of ours on the other side."""
