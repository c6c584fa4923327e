lint:
