"""The fleet summed up: how many devices have which value now."""
