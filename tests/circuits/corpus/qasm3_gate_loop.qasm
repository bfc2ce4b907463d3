OPENQASM 3.0;
include "stdgates.inc";
const int reps = 3;
gate kick(t) a, b { for int k in [1:reps] { rx(t * k) a; cx a, b; } gphase(0.3); }
qubit[3] q;
h q[0];
ctrl @ kick(0.2) q[0], q[1], q[2];
kick(-0.1) q[2], q[0];
