OPENQASM 3.0;
include "stdgates.inc";
qubit[3] q;
float t = 0.1;
int k = 0;
angle step = pi / 8;
while (k < 3) {
  ry(t) q[k];
  t += 0.2;
  t *= 2;
  k += 1;
}
cx q[0], q[1];
rz(step + 2 * step) q[1];
cx q[1], q[2];
rx(arccos(0.3)) q[2];
rx(sqrt(2) * float(1)) q[0];
