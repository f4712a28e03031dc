/* A file beside the core. */
#include "other.h"

/*@ requires small: small(n);
    terminates \true; exits \false;
    assigns \result \from n;
    ensures near: n <= \result <= n + 1;
*/
size_t even(size_t n);

size_t even(size_t n)
{
    return twice(half(n));
}
