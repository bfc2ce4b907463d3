"""What each engine and each design costs as N grows: the laws, points measured on them, the ends.

python -m benchmarks.growth                     into docs/growth.md and its picture
python -m benchmarks.growth --only designs      these anew, the rest as they were measured
"""
