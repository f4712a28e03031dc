/* A header that both files of this small tree read: proved once, with the core. */
#ifndef WORDS_H
#define WORDS_H

#include <stddef.h>
#include <stdint.h>

#ifndef MOST
#define MOST 100u
#endif

/*@ lemma twice_is_even: \forall integer n; (2 * n) % 2 == 0;
    predicate small(integer n) = 0 <= n <= MOST;
*/

/* The larger half. */
/*@ requires small: small(n);
    terminates \true; exits \false;
    assigns \result \from n;
    ensures half: n <= 2 * \result <= n + 1;
    ensures little: \result <= 50;
*/
static inline size_t half(size_t n)
{
    return (n + 1u) / 2u;
}

/* What the system knows: trusted. */
/*@ terminates \true; exits \false;
    assigns \result \from \nothing;
    ensures small: small(\result);
*/
size_t oracle(void);

#endif
