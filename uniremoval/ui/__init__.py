"""The web page and its API, in Gradio."""
