OPENQASM 3.0;
bit[2] b;
#pragma braket verbatim
box {
  gpi2(0.3) $0;
  gpi(0.7) $1;
  gpi2(0.2) $1;
  ms(0.1, 0.4, 0.6) $0, $1;
  xy(0.9) $0, $1;
  gpi2(1.3) $0;
}
b[0] = measure $0;
b[1] = measure $1;
