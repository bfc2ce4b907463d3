// Generated from Cirq v1.0 by hand

OPENQASM 2.0;
include "qelib1.inc";


// Qubits: [q(0), q(1), q(2)]
qreg q[3];
creg m_result[3];


h q[0];
cx q[0],q[1];
sx q[1];
rx(pi*0.5) q[2];

// Gate: CZ**0.25
crz(pi*0.25) q[1],q[2];
p(pi*0.125) q[1];

sxdg q[0];
ry(pi*-0.3333333333) q[0];

// Measurement: result
measure q[0] -> m_result[0];
measure q[1] -> m_result[1];
measure q[2] -> m_result[2];
