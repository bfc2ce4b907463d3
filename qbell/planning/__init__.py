"""Before any shot: what a campaign will say, how surely, and what it costs."""

from qbell.planning.plan import plan
from qbell.planning.record import Expected, Forecast, Needed, Plan

__all__ = ["Expected", "Forecast", "Needed", "Plan", "plan"]
