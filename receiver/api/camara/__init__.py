"""CAMARA's and its vendors' retrieve calls, answered from stored events.

One module for each API has its versions: path, request, answer and errors. A vendor's path is
another path of a version, with what the vendor does otherwise. A release that answers as the one
before it has no version of its own: `/v1/` is 1.1.0, and programs for 1.0.0 understand it.
"""
