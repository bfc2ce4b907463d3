"""Before any shot: what a campaign will say, how surely, and what it costs."""

from qbell.campaigns.planning.plan import plan
from qbell.campaigns.planning.record import Expected, Forecast, ForecastValue, Needed
from qbell.campaigns.planning.scan_plan import ScanForecast

__all__ = ["Expected", "Forecast", "ForecastValue", "Needed", "ScanForecast", "plan"]
