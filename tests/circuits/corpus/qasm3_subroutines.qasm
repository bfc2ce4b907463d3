OPENQASM 3.0;
include "stdgates.inc";
def bell(qubit a, qubit b) { h a; cx a, b; }
def layer(qubit[3] r, float t, int m) {
  for int k in [0:m - 1] { rx(t * (k + 1)) r[k]; }
  bell(r[2], r[0]);
}
qubit[4] q;
layer(q[1:3], 0.2, 2);
bell(q[0], q[2]);
