"""The Ising chain as free fermions: its ground state, and the circuits that stay as simple.

Majorana operators a_j = (prod_(k<j) X_k) Z_j and b_j = (prod_(k<j) X_k) Y_j; then X_j = i a_j b_j
and Z_j Z_(j+1) = i b_j a_(j+1), so that rotations by X_j and by Z_j Z_(j+1) turn pairs of Majorana
operators into each other, and every state on the way is Gaussian: 2N x N numbers describe it.
"""

from qbell.states.free_fermions.chain import FermionChain, chain
from qbell.states.free_fermions.trained_circuit import TrainedCircuit
from qbell.states.free_fermions.training import train

__all__ = ["FermionChain", "TrainedCircuit", "chain", "train"]
