"""Before any shot: what a campaign will say, how surely, and what it costs."""

from qbell.planning.plan import Expected, Needed, Plan, plan

__all__ = ["Expected", "Needed", "Plan", "plan"]
