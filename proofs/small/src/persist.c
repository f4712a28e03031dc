/* The core of a tree that is small enough to run the whole gate on it in seconds: what is wrong in a
 * copy of it, the gate must notice (proofs/check-gate). */
#include "words.h"

/*@ requires room: \valid(bytes + (0 .. n - 1));
    requires small: small(n);
    terminates \true; exits \false;
    assigns bytes[0 .. n - 1] \from \nothing;
    ensures zero: \forall integer i; 0 <= i < n ==> bytes[i] == 0;
*/
void clear(char *bytes, size_t n);

void clear(char *bytes, size_t n)
{
    /*@ loop invariant range: 0 <= i <= n;
        loop invariant zero: \forall integer j; 0 <= j < i ==> bytes[j] == 0;
        loop assigns i, bytes[0 .. n - 1]; loop variant n - i; */
    for (size_t i = 0; i < n; i++) {
        bytes[i] = 0;
    }
}

/*@ terminates \true; exits \false;
    assigns \result \from \nothing;
    ensures half: \result <= 50;
*/
size_t half_of_it(void);

size_t half_of_it(void)
{
    size_t n = oracle();
    if (n == 0) {
        return 0;
    }
    size_t h = half(n);
    //@ assert positive: 0 < h;
    return h;
}
