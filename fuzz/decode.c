#include "decode.h"

#include "persist.h"

#define BITS (8u * (unsigned)sizeof(size_t))

static size_t growth(const struct view *view)
{
    size_t want = view->granted / 8;
    want = want < PERSIST_CHUNK ? PERSIST_CHUNK : want;
    return want - want % 4096 + (want % 4096 != 0 ? 4096 : 0);
}

static size_t boundary(unsigned number)
{
    static const size_t at[] = {
        32,
        4096,
        PERSIST_LARGE,
        PERSIST_CHUNK,
        8192,
        PERSIST_CHUNK - 4096,
        8 * PERSIST_CHUNK,
        PERSIST_LARGE + PERSIST_CHUNK,
        2 * PERSIST_CHUNK,
        (size_t)16 << 20,
        SIZE_MAX / 8,
        PERSIST_MOST,
        PERSIST_MOST - PERSIST_CHUNK,
        SIZE_MAX - PERSIST_CHUNK,
        SIZE_MAX - 4096,
        SIZE_MAX,
    };
    return at[number % (sizeof at / sizeof at[0])];
}

int decode_needs_view(unsigned size_kind)
{
    return size_kind >= SIZE_FREE && size_kind <= SIZE_GROWTH;
}

size_t decode_size(unsigned size_kind, unsigned number, const struct view *view)
{
    const size_t near = (number & 63u) - (size_t)32;
    const size_t around = (number & 255u) - (size_t)128;
    switch (size_kind) {
    case SIZE_SMALL:
        return number;
    case SIZE_BOUNDARY:
        return boundary(number >> 6) + near;
    case SIZE_POWER:
        return ((size_t)1 << (number >> 6) % BITS) + near;
    case SIZE_FREE:
        return view->free + around;
    case SIZE_LIMIT:
        return view->room + around;
    case SIZE_LEAVE:
        return view->free > number ? view->free - number : number;
    case SIZE_GROWTH:
        return growth(view) + around;
    case SIZE_TOP:
        return SIZE_MAX - number;
    case SIZE_PAGES:
        return (size_t)number * 4096;
    case SIZE_MOST:
        return PERSIST_MOST - number;
    default:
        return number & 255u;
    }
}

/* Half of the values are good, or a good one's neighbours. */
size_t decode_align(unsigned which)
{
    const size_t one = 1;
    unsigned power = (which & 63u) % BITS;
    unsigned spread = (which & 15u) * 4 % BITS;
    if (which < 128) {
        switch (which & 15u) {
        case 13:
            return 0;
        case 14:
            return 8192;
        case 15:
            return 3;
        default:
            return one << (which & 15u);
        }
    }
    if (which < 192) {
        return one << power;
    }
    switch (which >> 4 & 3u) {
    case 0:
        return (one << spread) - 1;
    case 1:
        return (one << spread) + 1;
    case 2:
        return (size_t)3 << spread;
    default:
        return SIZE_MAX << spread | one;
    }
}

int decode_count_needs_view(unsigned which)
{
    return which == 6 || which == 7 || which == 14;
}

size_t decode_count(unsigned which, size_t size, const struct view *view)
{
    const size_t divisor = size == 0 ? 1 : size;
    switch (which & 15u) {
    case 0:
        return 1;
    case 1:
        return 2;
    case 2:
        return 0;
    case 3:
        return 5;
    case 4:
        return 16;
    case 5:
        return 255;
    case 6:
        return view->free / divisor;
    case 7:
        return view->free / divisor + 1;
    case 8:
        return PERSIST_LARGE / divisor;
    case 9:
        return SIZE_MAX / divisor;
    case 10:
        return SIZE_MAX / divisor + 1;
    case 11:
        return SIZE_MAX;
    case 12:
        return SIZE_MAX / 2 + 1;
    case 13:
        return (size_t)1 << BITS / 2;
    case 14:
        return view->room / divisor;
    default:
        return PERSIST_MOST / divisor;
    }
}
