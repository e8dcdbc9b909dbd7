"""Tables over the nodes of Citus: which table is where, whether it is, and how it gets there."""
