OPENQASM 3.0;
include "stdgates.inc";
const int n = 5;
const float theta = pi / 7;
qubit[n] q;
bit[n] c;
h q[0];
for int i in [0:n - 2] {
  cx q[i], q[i + 1];
  if (i % 2 == 0) { rz(theta * i) q[i]; } else { ry(theta / 2 ** i) q[i]; }
}
for uint k in {4, 0, 2} { rx(0.1 * (k + 1)) q[k]; }
for int j in [3:-2:1] { t q[j]; }
c = measure q;
