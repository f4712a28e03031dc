/* Every path of the small core, for Eva. */
#include "../../src/persist.c"

static volatile size_t any;

size_t oracle(void)
{
    size_t n = any;
    return n < MOST ? n : MOST;
}

int main(void)
{
    char bytes[8];
    clear(bytes, sizeof bytes);
    return half_of_it() > 50u;
}
