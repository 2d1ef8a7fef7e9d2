"""Parts of the page that several tabs have."""
