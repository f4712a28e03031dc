/* A header of other.c alone: its function is proved with that file or not at all. */
#ifndef OTHER_H
#define OTHER_H

#include "words.h"

/*@ lemma thrice: \forall integer n; (3 * n) % 3 == 0; */

/*@ requires small: small(n);
    terminates \true; exits \false;
    assigns \result \from n;
    ensures twice: \result == 2 * n;
*/
static inline size_t twice(size_t n)
{
    return 2u * n;
}

#endif
