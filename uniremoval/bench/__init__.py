"""Speed and memory on this machine, by figures that can be compared: `python -m uniremoval bench`."""
