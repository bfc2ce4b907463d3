OPENQASM 3.0;
include "stdgates.inc";
array[float[64], 2, 3] angles = {{0.1, 0.2, 0.3}, {-0.4, 0.5, pi/6}};
qubit[3] q;
h q;
for int layer in [0:1] {
  for int k in [0:2] { ry(angles[layer][k]) q[k]; rz(angles[layer, k]) q[k]; }
  cx q[0], q[1];
  cx q[1], q[2];
}
