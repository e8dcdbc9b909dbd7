"""The OpenAPI of all doors together: what no single route can say of itself."""
