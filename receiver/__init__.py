"""Receives CAMARA Device Status notifications, keeps each durably, and answers questions about them."""
