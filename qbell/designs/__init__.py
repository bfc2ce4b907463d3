"""The designs, one class each, and the schedules of settings made from them."""
