/* What may be asked of the seam to POSIX systems (sys_posix.c) beyond plain mappings. Advice: where
 * the system does not know it, nothing happens; no block's address, size or content depends on it. */
#ifndef PERSIST_POSIX_H
#define PERSIST_POSIX_H

#ifdef __cplusplus
extern "C" {
#endif

/* Each region's pages are present, zeroed, from the moment it is taken: no page fault later. At the
 * price of memory: what is unused of the last region (at most an eighth of all before it, or a chunk)
 * is resident too, and a large block is resident whole before anything is written to it. */
#define PERSIST_COMMIT_AHEAD 1u

/* The system may use huge pages in regions. It does where a region covers a whole one (2 MiB on
 * x86-64); regions are that large once an arena holds 16 MiB. */
#define PERSIST_HUGE_PAGES 2u

/* For every region taken from now on by any arena: a sum of the options above, or 0, which is how
 * the program starts. From any thread at any time. */
void persist_posix_options(unsigned options);

#ifdef __cplusplus
}
#endif

#endif
