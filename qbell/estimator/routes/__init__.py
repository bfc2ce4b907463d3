"""One class a way of estimating; `qbell.estimator.dispatch` lists them."""
