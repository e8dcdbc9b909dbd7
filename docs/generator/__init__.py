"""One module for each reference; each exports `page`, which returns the Markdown."""
