"""Distances on the globe."""

from math import asin, cos, radians, sin, sqrt

EARTH_RADIUS = 6371008.8  # metres, mean


def is_position(latitude, longitude):
    """Whether two values are a place on earth; 0, 0 stands for none.

    >>> is_position(36.06, 103.83), is_position(0.0, 0.0), is_position(None, 1), is_position(91, 0)
    (True, False, False, False)
    >>> is_position(True, 1.0), is_position(float("nan"), 1.0)
    (False, False)
    """
    numbers = (latitude, longitude)
    if not all(isinstance(n, int | float) and not isinstance(n, bool) for n in numbers):
        return False
    return abs(latitude) <= 90 and abs(longitude) <= 180 and any(numbers)


def distance(latitude, longitude, other_latitude, other_longitude):
    """Metres between two positions in degrees, as the crow flies.

    >>> round(distance(36.0, 103.0, 36.0, 103.0))
    0
    >>> round(distance(39.9042, 116.4074, 31.2304, 121.4737) / 1000)
    1067
    """
    y, other_y = radians(latitude), radians(other_latitude)
    half_dy = (other_y - y) / 2
    half_dx = radians(other_longitude - longitude) / 2
    share = sin(half_dy) ** 2 + cos(y) * cos(other_y) * sin(half_dx) ** 2
    return 2 * EARTH_RADIUS * asin(min(1.0, sqrt(share)))
