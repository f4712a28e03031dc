/* What the DWARF says of functions and of calls inlined into them. */
#include <dwarf.h>
#include <elfutils/libdw.h>
#include <stdlib.h>

#include "lines.h"
#include "persist.h"
#include "reader.h"

#define MOST_NESTED 256u /* entries inside entries; compilers stay far below */

/* One stretch of a function's code, or of a call's that was inlined. */
struct range {
    uint64_t low, high;
    const char *name;
    size_t unit, order; /* which of all it is in the file */
};

struct dwarf_reader {
    struct reader *reader;
    Dwarf *dwarf;
    struct pile ranges, spans;
    struct line_reader lines;
    size_t unit;    /* how many were before this one */
    Dwarf_Off last; /* the entry visited last: damaged ones may lead in circles */
    bool plain;     /* the unit's language calls functions what the symbol table does */
};

static bool damaged(struct dwarf_reader *dwarf, const char *what)
{
    int error = dwarf_errno();
    return fail(dwarf->reader, "damaged debugging information: %s%s%s", what,
                error == 0 ? "" : ": ", error == 0 ? "" : dwarf_errmsg(error));
}

/* ---- functions ---- */

static bool calls_functions_plainly(int language)
{
    switch (language) {
    case DW_LANG_C89:
    case DW_LANG_C:
    case DW_LANG_C99:
    case DW_LANG_C11:
    case DW_LANG_Fortran77:
    case DW_LANG_Pascal83:
    case DW_LANG_Cobol74:
    case DW_LANG_Cobol85:
    case DW_LANG_PLI:
    case DW_LANG_UPC:
    case DW_LANG_Mips_Assembler:
        return true;
    default:
        return false;
    }
}

static const char *attribute_string(Dwarf_Die *die, unsigned name)
{
    Dwarf_Attribute attribute;
    return dwarf_formstring(dwarf_attr_integrate(die, name, &attribute));
}

/* The name for the linker where there is one, as addr2line has it; a function without one goes by
 * the symbol at its start, if there is one, and else by its name in the source. */
static const char *function_name(struct dwarf_reader *dwarf, Dwarf_Die *die, uint64_t low)
{
    const char *name = attribute_string(die, DW_AT_linkage_name);
    if (name == NULL) {
        name = attribute_string(die, DW_AT_MIPS_linkage_name);
    }
    if (name == NULL) {
        name = attribute_string(die, DW_AT_name);
        const struct function *symbol =
            dwarf->plain && name != NULL ? NULL : function_at(dwarf->reader->table, low);
        if (symbol != NULL && symbol->low == low && symbol->name != NULL) {
            return symbol->name;
        }
    }
    return name == NULL || name[0] == '\0' ? NULL : keep(dwarf->reader, name);
}

static bool add_function(struct dwarf_reader *dwarf, Dwarf_Die *die)
{
    Dwarf_Addr base, low, high;
    const char *name = NULL;
    bool named = false;
    ptrdiff_t at = 0;
    while ((at = dwarf_ranges(die, at, &base, &low, &high)) > 0) {
        if (low < high && is_code(dwarf->reader->table, low)) {
            if (!named) {
                name = function_name(dwarf, die, low);
                named = true;
            }
            struct range *range = pile_add(&dwarf->ranges, sizeof *range);
            if (range == NULL) {
                return no_memory(dwarf->reader);
            }
            *range = (struct range){low, high, name, dwarf->unit, dwarf->ranges.count};
        }
    }
    return at == 0 || damaged(dwarf, "the ranges of a function");
}

static bool may_hold_functions(int tag)
{
    switch (tag) {
    case DW_TAG_array_type:
    case DW_TAG_subroutine_type:
    case DW_TAG_call_site:
    case DW_TAG_GNU_call_site:
        return false;
    default:
        return true;
    }
}

/* The entry, those after it, and all inside. Offsets grow along the way, or else the entries are
 * damaged: so the walk ends. */
static bool walk_entries(struct dwarf_reader *dwarf, Dwarf_Die *die, unsigned depth)
{
    int more;
    do {
        Dwarf_Die child;
        int tag = dwarf_tag(die);
        if (tag == DW_TAG_invalid || dwarf_dieoffset(die) <= dwarf->last || depth > MOST_NESTED) {
            return damaged(dwarf, "entries that are no tree");
        }
        dwarf->last = dwarf_dieoffset(die);
        if ((tag == DW_TAG_subprogram || tag == DW_TAG_inlined_subroutine) &&
            !add_function(dwarf, die)) {
            return false;
        }
        int children = may_hold_functions(tag) ? dwarf_child(die, &child) : 1;
        if (children < 0) {
            return damaged(dwarf, "an entry");
        }
        if (children == 0 && !walk_entries(dwarf, &child, depth + 1)) {
            return false;
        }
        more = dwarf_siblingof(die, die);
    } while (more == 0);
    return more > 0 || damaged(dwarf, "an entry");
}

/* ---- spans ---- */

static int by_low(const void *a, const void *b)
{
    const struct range *one = a, *other = b;
    if (one->low != other->low) {
        return one->low < other->low ? -1 : 1;
    }
    return (one->order > other->order) - (one->order < other->order);
}

/* The shortest range is the innermost; of two alike, the later one is. Units that tell of the same
 * code have each been compiled with a copy of it, of which the linker kept one: the first tells. */
static bool is_inside(const struct range *one, const struct range *other)
{
    if (one->unit != other->unit) {
        return one->unit < other->unit;
    }
    uint64_t length = one->high - one->low, other_length = other->high - other->low;
    return length < other_length || (length == other_length && one->order > other->order);
}

/* A heap of the ranges that reach over the current address, the innermost at its top. */
struct heap {
    const struct range **at;
    size_t count;
};

static void push(struct heap *heap, const struct range *range)
{
    size_t i = heap->count++;
    for (; i > 0 && is_inside(range, heap->at[(i - 1) / 2]); i = (i - 1) / 2) {
        heap->at[i] = heap->at[(i - 1) / 2];
    }
    heap->at[i] = range;
}

static void pop(struct heap *heap)
{
    const struct range *last = heap->at[--heap->count];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < heap->count; i = child) {
        if (child + 1 < heap->count && is_inside(heap->at[child + 1], heap->at[child])) {
            child++;
        }
        if (!is_inside(heap->at[child], last)) {
            break;
        }
        heap->at[i] = heap->at[child];
    }
    heap->at[i] = last;
}

static bool add_span(struct dwarf_reader *dwarf, uint64_t low, const char *name)
{
    struct span *spans = dwarf->spans.items;
    if (dwarf->spans.count > 0 && spans[dwarf->spans.count - 1].name == name) {
        return true;
    }
    struct span *new = pile_add(&dwarf->spans, sizeof *new);
    if (new == NULL) {
        return no_memory(dwarf->reader);
    }
    *new = (struct span){low, name};
    return true;
}

/* Writes the spans from `at` up to `next`, where the next range starts. */
static bool add_spans(struct dwarf_reader *dwarf, struct heap *heap, uint64_t at, uint64_t next)
{
    while (at < next) {
        while (heap->count > 0 && heap->at[0]->high <= at) {
            pop(heap);
        }
        if (!add_span(dwarf, at, heap->count == 0 ? NULL : heap->at[0]->name)) {
            return false;
        }
        if (heap->count == 0) {
            break;
        }
        at = heap->at[0]->high;
    }
    return true;
}

static bool flatten(struct dwarf_reader *dwarf, struct heap *heap)
{
    struct range *ranges = dwarf->ranges.items;
    if (dwarf->ranges.count > 0) {
        qsort(ranges, dwarf->ranges.count, sizeof *ranges, by_low);
    }
    for (size_t i = 0; i < dwarf->ranges.count;) {
        uint64_t low = ranges[i].low;
        for (; i < dwarf->ranges.count && ranges[i].low == low; i++) {
            push(heap, &ranges[i]);
        }
        if (!add_spans(dwarf, heap, low, i < dwarf->ranges.count ? ranges[i].low : UINT64_MAX)) {
            return false;
        }
    }
    return true;
}

static bool build_spans(struct dwarf_reader *dwarf)
{
    struct symtab *table = dwarf->reader->table;
    struct heap heap = {calloc(dwarf->ranges.count + 1, sizeof *heap.at), 0};
    bool fine = heap.at == NULL ? no_memory(dwarf->reader) : flatten(dwarf, &heap);
    free(heap.at);
    if (fine && dwarf->spans.count > 0) {
        table->span_count = dwarf->spans.count;
        table->spans = persist_array(table->span_count, sizeof *table->spans, 0);
        memcpy(table->spans, dwarf->spans.items, table->span_count * sizeof *table->spans);
    }
    return fine;
}

/* ---- units ---- */

static bool read_unit_lines(struct dwarf_reader *dwarf, Dwarf_Die *unit)
{
    Dwarf_Attribute attribute;
    Dwarf_Word offset;
    if (dwarf_attr(unit, DW_AT_stmt_list, &attribute) == NULL) {
        return true;
    }
    if (dwarf_formudata(&attribute, &offset) != 0) {
        return damaged(dwarf, "where a unit's lines are");
    }
    return read_line_program(&dwarf->lines, offset, attribute_string(unit, DW_AT_comp_dir));
}

static bool read_unit(struct dwarf_reader *dwarf, Dwarf_Die *unit)
{
    Dwarf_Die child;
    dwarf->plain = calls_functions_plainly(dwarf_srclang(unit));
    dwarf->last = dwarf_dieoffset(unit);
    if (dwarf_tag(unit) == DW_TAG_compile_unit && !read_unit_lines(dwarf, unit)) {
        return false;
    }
    int children = dwarf_child(unit, &child);
    return children < 0 ? damaged(dwarf, "a unit") : children > 0 || walk_entries(dwarf, &child, 0);
}

static bool read_units(struct dwarf_reader *dwarf)
{
    Dwarf_CU *unit = NULL;
    Dwarf_Die entry;
    int more;
    while ((more = dwarf_get_units(dwarf->dwarf, unit, &unit, NULL, NULL, &entry, NULL)) == 0) {
        if (!read_unit(dwarf, &entry)) {
            return false;
        }
        dwarf->unit++;
    }
    return more > 0 || damaged(dwarf, "a unit");
}

bool read_dwarf(struct reader *reader)
{
    struct dwarf_reader dwarf = {.reader = reader};
    dwarf.dwarf = dwarf_begin_elf(reader->elf, DWARF_C_READ, NULL);
    if (dwarf.dwarf == NULL) {
        return damaged(&dwarf, "its sections");
    }
    open_lines(&dwarf.lines, reader);
    bool fine = read_units(&dwarf) && build_spans(&dwarf);
    if (fine) {
        build_lines(&dwarf.lines);
    }
    close_lines(&dwarf.lines);
    dwarf_end(dwarf.dwarf);
    free(dwarf.ranges.items);
    free(dwarf.spans.items);
    return fine;
}
