/* What the checks that E-ACSL writes (checks.c, generated) stand on: its whole numbers, the ghost
 * variables of the contracts, and what is asked of the memory. Instead of its own library, which
 * crashes at start beside AddressSanitizer. */
#ifndef CONTRACTS_CHECKS_H
#define CONTRACTS_CHECKS_H

#include "persist.h"
#include "refill.h"
#include "sys.h"

#include "ghost.h"

/* Whole numbers: of 128 bits, and never wrapping. Those of the contracts are sums of a few of 64 bits,
 * products with constants, and powers of two: a number too big for 126 bits stands for any such. */
typedef struct {
    __int128 is;
} __e_acsl_mpz_struct;
typedef __e_acsl_mpz_struct __e_acsl_mpz_t[1];
typedef unsigned long __e_acsl_mp_bitcnt_t;

#define NUMBER_MOST ((__int128)1 << 126)

static inline __int128 number_held(__int128 n)
{
    return n > NUMBER_MOST ? NUMBER_MOST : n < -NUMBER_MOST ? -NUMBER_MOST : n;
}

static inline void __gmpz_init(__e_acsl_mpz_struct *n)
{
    n->is = 0;
}

static inline void __gmpz_clear(__e_acsl_mpz_struct *n)
{
    (void)n;
}

static inline void __gmpz_set(__e_acsl_mpz_struct *n, const __e_acsl_mpz_struct *m)
{
    n->is = m->is;
}

static inline void __gmpz_init_set(__e_acsl_mpz_struct *n, const __e_acsl_mpz_struct *m)
{
    n->is = m->is;
}

static inline void __gmpz_init_set_ui(__e_acsl_mpz_struct *n, unsigned long m)
{
    n->is = m;
}

static inline void __gmpz_init_set_si(__e_acsl_mpz_struct *n, long m)
{
    n->is = m;
}

static inline int __gmpz_init_set_str(__e_acsl_mpz_struct *n, const char *digits, int base)
{
    n->is = 0;
    for (; *digits != 0; digits++) {
        n->is = number_held(n->is * base + (*digits - '0'));
    }
    return 0;
}

static inline void __gmpz_add(__e_acsl_mpz_struct *n, const __e_acsl_mpz_struct *a,
                              const __e_acsl_mpz_struct *b)
{
    n->is = number_held(a->is + b->is);
}

static inline void __gmpz_sub(__e_acsl_mpz_struct *n, const __e_acsl_mpz_struct *a,
                              const __e_acsl_mpz_struct *b)
{
    n->is = number_held(a->is - b->is);
}

static inline void __gmpz_mul(__e_acsl_mpz_struct *n, const __e_acsl_mpz_struct *a,
                              const __e_acsl_mpz_struct *b)
{
    __int128 product = 0;
    if (__builtin_mul_overflow(a->is, b->is, &product)) {
        product = (a->is < 0) == (b->is < 0) ? NUMBER_MOST : -NUMBER_MOST;
    }
    n->is = number_held(product);
}

static inline void __gmpz_mul_2exp(__e_acsl_mpz_struct *n, const __e_acsl_mpz_struct *a,
                                   unsigned long shift)
{
    __int128 product = 0;
    if (a->is == 0) {
        product = 0;
    } else if (shift >= 126 || __builtin_mul_overflow(a->is, (__int128)1 << shift, &product)) {
        product = a->is < 0 ? -NUMBER_MOST : NUMBER_MOST;
    }
    n->is = number_held(product);
}

static inline void __gmpz_tdiv_r(__e_acsl_mpz_struct *n, const __e_acsl_mpz_struct *a,
                                 const __e_acsl_mpz_struct *b)
{
    n->is = b->is == 0 ? 0 : a->is % b->is;
}

static inline void __gmpz_tdiv_q(__e_acsl_mpz_struct *n, const __e_acsl_mpz_struct *a,
                                 const __e_acsl_mpz_struct *b)
{
    n->is = b->is == 0 ? 0 : a->is / b->is;
}

static inline int __gmpz_cmp(const __e_acsl_mpz_struct *a, const __e_acsl_mpz_struct *b)
{
    return (a->is > b->is) - (a->is < b->is);
}

static inline int __gmpz_fits_ulong_p(const __e_acsl_mpz_struct *n)
{
    return 0 <= n->is && n->is <= (__int128)UINT64_MAX;
}

static inline unsigned long __gmpz_get_ui(const __e_acsl_mpz_struct *n)
{
    return (unsigned long)n->is;
}

static inline long __gmpz_get_si(const __e_acsl_mpz_struct *n)
{
    return (long)n->is;
}

/* ---- checks ---- */

/* Of a definition, not of a clause: that a number which it computes with is in range. */
#define GUARD (-1)

#define CHECK(condition, clause)                                                                   \
    do {                                                                                           \
        if (__builtin_expect(!(condition), 0)) {                                                   \
            clause_broken(clause);                                                                 \
        }                                                                                          \
    } while (0)

#ifdef CONTRACTS_ALIVE
#include "alive.h"
#else
#define BEGINS(function)
#define ENTERS(function)
#define LEFT(function)
#define ENDS(function)
#endif

#endif
