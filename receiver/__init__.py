"""Receives CAMARA Device Status notifications, keeps them durably, and answers questions."""
