#include "lines.h"

#include <dwarf.h>
#include <stdlib.h>

#include "persist.h"

/* The lines of one stretch of code without gaps: lines[first], and so on. */
struct sequence {
    uint64_t low, high;
    size_t first, count;
    size_t order;
};

struct file {
    const char *name;
    uint64_t directory;
    const char *kept; /* the whole path, once a line had need of it */
};

/* A place in a section; at the end of what may be read it gives zeros, and is `bad`. */
struct cursor {
    const unsigned char *at, *end;
    bool swapped, bad;
    unsigned offset_size; /* 4 or 8 */
};

struct program {
    struct line_reader *lines;
    struct cursor header, code;
    const char *directory;
    unsigned version, least_length, line_range, opcode_base;
    int line_base;
    const unsigned char *lengths; /* how many operands each standard opcode has; from opcode 1 on */
};

/* The registers of the line machine. */
struct state {
    struct line line;
    uint64_t file;
    struct sequence sequence;
};

/* ---- reading ---- */

static uint64_t number(struct cursor *cursor, size_t size)
{
    uint64_t value = 0;
    if ((size_t)(cursor->end - cursor->at) < size) {
        cursor->at = cursor->end;
        cursor->bad = true;
        return 0;
    }
    for (size_t i = 0; i < size; i++) {
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        bool little = !cursor->swapped;
#else
        bool little = cursor->swapped;
#endif
        value = value << 8 | cursor->at[little ? size - 1 - i : i];
    }
    cursor->at += size;
    return value;
}

static uint64_t leb(struct cursor *cursor, bool is_signed)
{
    uint64_t value = 0;
    unsigned shift = 0, byte;
    do {
        byte = (unsigned)number(cursor, 1);
        if (shift < 64) {
            value |= (uint64_t)(byte & 0x7f) << shift;
        }
        shift += 7;
    } while ((byte & 0x80) != 0);
    if (is_signed && shift < 64 && (byte & 0x40) != 0) {
        value |= ~UINT64_C(0) << shift;
    }
    return value;
}

static const char *string(struct cursor *cursor)
{
    const char *text = (const char *)cursor->at;
    const void *end = memchr(cursor->at, 0, (size_t)(cursor->end - cursor->at));
    if (end == NULL) {
        cursor->bad = true;
        return "";
    }
    cursor->at = (const unsigned char *)end + 1;
    return text;
}

static const char *string_at(struct cursor *cursor, const struct bytes *section, uint64_t offset)
{
    if (offset >= section->size) {
        cursor->bad = true;
        return "";
    }
    struct cursor other = {.at = section->at + offset, .end = section->at + section->size};
    const char *text = string(&other);
    cursor->bad |= other.bad;
    return text;
}

static void skip(struct cursor *cursor, uint64_t size)
{
    if ((uint64_t)(cursor->end - cursor->at) < size) {
        cursor->bad = true;
        size = (uint64_t)(cursor->end - cursor->at);
    }
    cursor->at += size;
}

/* ---- the header ---- */

static bool add_directory(struct line_reader *lines, const char *name)
{
    const char **new = pile_add(&lines->directories, sizeof *new);
    if (new != NULL) {
        *new = name;
    }
    return new != NULL;
}

static bool add_file(struct line_reader *lines, const char *name, uint64_t directory)
{
    struct file *new = pile_add(&lines->files, sizeof *new);
    if (new != NULL) {
        *new = (struct file){name, directory, NULL};
    }
    return new != NULL;
}

/* Up to version 4: the unit's directory is number 0, and the first file number 1. */
static bool read_old_tables(struct program *program)
{
    struct line_reader *lines = program->lines;
    struct cursor *at = &program->header;
    const char *name;
    bool room = add_directory(lines, NULL) && add_file(lines, NULL, 0);
    while (room && !at->bad && *(name = string(at)) != '\0') {
        room = add_directory(lines, name);
    }
    while (room && !at->bad && *(name = string(at)) != '\0') {
        uint64_t directory = leb(at, false);
        leb(at, false);
        leb(at, false);
        room = add_file(lines, name, directory);
    }
    return room;
}

struct entry {
    const char *name;
    uint64_t directory;
};

static void read_field(struct program *program, uint64_t what, uint64_t form, struct entry *entry)
{
    struct cursor *at = &program->header;
    const char *text = NULL;
    uint64_t value = 0;
    switch (form) {
    case DW_FORM_string:
        text = string(at);
        break;
    case DW_FORM_line_strp:
        text = string_at(at, &program->lines->line_strings, number(at, at->offset_size));
        break;
    case DW_FORM_strp:
        text = string_at(at, &program->lines->strings, number(at, at->offset_size));
        break;
    case DW_FORM_udata:
        value = leb(at, false);
        break;
    case DW_FORM_data1:
        value = number(at, 1);
        break;
    case DW_FORM_data2:
        value = number(at, 2);
        break;
    case DW_FORM_data4:
        value = number(at, 4);
        break;
    case DW_FORM_data8:
        value = number(at, 8);
        break;
    case DW_FORM_data16:
        skip(at, 16);
        break;
    case DW_FORM_block:
        skip(at, leb(at, false));
        break;
    default:
        at->bad = true;
    }
    if (what == DW_LNCT_path && text != NULL) {
        entry->name = text;
    } else if (what == DW_LNCT_directory_index) {
        entry->directory = value;
    }
}

/* One of version 5's two tables: which fields its entries have, how many they are, the entries. */
static bool read_table(struct program *program, bool of_files)
{
    struct cursor *at = &program->header, fields;
    uint64_t count = number(at, 1);
    fields = *at;
    for (uint64_t i = 0; i < 2 * count; i++) {
        leb(at, false);
    }
    uint64_t entries = leb(at, false);
    if (count == 0 && entries > 0) {
        at->bad = true; /* entries of no bytes: their count is without any bound */
    }
    for (uint64_t i = 0; i < entries && !at->bad; i++) {
        struct entry entry = {NULL, 0};
        struct cursor field = fields;
        for (uint64_t j = 0; j < count; j++) {
            uint64_t what = leb(&field, false);
            read_field(program, what, leb(&field, false), &entry);
        }
        if (of_files ? !add_file(program->lines, entry.name, entry.directory)
                     : !add_directory(program->lines, entry.name)) {
            return false;
        }
    }
    return true;
}

static bool damaged(struct program *program)
{
    return fail(program->lines->reader, "damaged debugging information: a unit's lines");
}

static bool read_header(struct program *program)
{
    struct cursor *at = &program->header;
    uint64_t length = number(at, 4);
    at->offset_size = 4;
    if (length == 0xffffffff) {
        length = number(at, 8);
        at->offset_size = 8;
    }
    if (at->bad || length > (uint64_t)(at->end - at->at)) {
        return damaged(program);
    }
    at->end = at->at + length;
    program->code = *at;
    program->version = (unsigned)number(at, 2);
    if (program->version < 2 || program->version > 5) {
        return fail(program->lines->reader,
                    "lines of version %u of DWARF; versions 2 to 5 are known", program->version);
    }
    if (program->version == 5) {
        number(at, 2); /* sizes of addresses and of segment selectors */
    }
    length = number(at, at->offset_size);
    program->code.at = at->at;
    skip(&program->code, length);
    program->least_length = (unsigned)number(at, 1);
    number(at, program->version >= 4 ? 2 : 1); /* operations per instruction; is_stmt */
    program->line_base = (signed char)number(at, 1);
    program->line_range = (unsigned)number(at, 1);
    program->opcode_base = (unsigned)number(at, 1);
    program->lengths = at->at;
    skip(at, program->opcode_base == 0 ? 0 : program->opcode_base - 1);
    bool room =
        at->bad || (program->version < 5 ? read_old_tables(program)
                                         : read_table(program, false) && read_table(program, true));
    if (!room) {
        return no_memory(program->lines->reader);
    }
    return (!at->bad && !program->code.bad && program->line_range != 0) || damaged(program);
}

/* ---- files ---- */

/* Keeps the parts that there are, with a slash between each two. */
static bool join(struct reader *reader, const char *const parts[3], const char **kept)
{
    size_t size = 0;
    for (int i = 0; i < 3; i++) {
        size += parts[i] == NULL ? 0 : strlen(parts[i]) + 1;
    }
    char *path = malloc(size), *end = path;
    if (path == NULL) {
        return no_memory(reader);
    }
    for (int i = 0; i < 3; i++) {
        if (parts[i] != NULL) {
            size_t length = strlen(parts[i]);
            memcpy(end, parts[i], length);
            end[length] = '/';
            end += length + 1;
        }
    }
    *kept = intern_bytes(reader->names, intern(reader->names, path, (size_t)(end - path) - 1));
    free(path);
    return true;
}

/* A relative name is relative to its directory, and a relative directory to the unit's. */
static bool keep_path(struct program *program, struct file *file)
{
    struct line_reader *lines = program->lines;
    const char *const *directories = lines->directories.items;
    const char *parts[3] = {NULL, NULL, file->name};
    if (file->name[0] != '/') {
        if (file->directory < lines->directories.count) {
            parts[1] = directories[file->directory];
        }
        if (parts[1] == NULL || parts[1][0] != '/') {
            parts[0] = program->directory;
        }
    }
    return join(lines->reader, parts, &file->kept);
}

/* Stores the path of the program's i-th file; NULL where it has none, or no name. */
static bool line_file(struct program *program, uint64_t i, const char **path)
{
    struct file *files = program->lines->files.items;
    *path = NULL;
    if (i >= program->lines->files.count || files[i].name == NULL || files[i].name[0] == '\0') {
        return true;
    }
    if (files[i].kept == NULL && !keep_path(program, &files[i])) {
        return false;
    }
    *path = files[i].kept;
    return true;
}

/* ---- the line machine ---- */

/* Keeps the sequence if there is code where it says so, and starts the next. */
static bool end_sequence(struct line_reader *lines, struct sequence *sequence)
{
    if (sequence->count > 0 && sequence->low < sequence->high &&
        is_code(lines->reader->table, sequence->low)) {
        struct sequence *new = pile_add(&lines->sequences, sizeof *new);
        if (new == NULL) {
            return no_memory(lines->reader);
        }
        const struct line *last = (struct line *)lines->lines.items + lines->lines.count - 1;
        if (last->low == sequence->high) { /* a line of no code */
            sequence->count--;
            lines->lines.count--;
        }
        *new = *sequence;
        new->order = lines->sequences.count;
    } else {
        lines->lines.count = sequence->first;
    }
    *sequence = (struct sequence){.first = lines->lines.count};
    return true;
}

/* Of several lines at one address the last one counts; a line that only goes on is left out. Where
 * addresses go down, as no compiler of today makes them, a sequence of its own starts. */
static bool add_line(struct program *program, struct state *state)
{
    struct line_reader *lines = program->lines;
    struct sequence *sequence = &state->sequence;
    struct line *line = &state->line;
    if (!line_file(program, state->file, &line->file)) {
        return false;
    }
    if (sequence->count > 0 && line->low < sequence->high && !end_sequence(lines, sequence)) {
        return false;
    }
    sequence->high = line->low;
    if (sequence->count == 0) {
        sequence->low = line->low;
    } else {
        struct line *last = (struct line *)lines->lines.items + lines->lines.count - 1;
        if (last->low == line->low) {
            *last = *line;
            line->discriminator = 0;
            return true;
        }
        if (last->file == line->file && last->number == line->number &&
            last->discriminator == line->discriminator) {
            line->discriminator = 0;
            return true;
        }
    }
    struct line *new = pile_add(&lines->lines, sizeof *new);
    if (new == NULL) {
        return no_memory(lines->reader);
    }
    *new = *line;
    line->discriminator = 0;
    sequence->count++;
    return true;
}

static bool extended(struct program *program, struct state *state)
{
    struct cursor *at = &program->code;
    uint64_t length = leb(at, false);
    const unsigned char *start = at->at;
    unsigned opcode = (unsigned)number(at, 1);
    if (at->bad || length == 0 || length > (uint64_t)(at->end - start)) {
        return damaged(program);
    }
    switch (opcode) {
    case DW_LNE_end_sequence:
        state->sequence.high = state->line.low;
        if (!end_sequence(program->lines, &state->sequence)) {
            return false;
        }
        *state = (struct state){.line = {.number = 1}, .file = 1, .sequence = state->sequence};
        break;
    case DW_LNE_set_address:
        if (length - 1 > sizeof(uint64_t)) {
            return damaged(program);
        }
        state->line.low = number(at, (size_t)length - 1);
        break;
    case DW_LNE_set_discriminator:
        state->line.discriminator = (uint32_t)leb(at, false);
        break;
    case DW_LNE_define_file: {
        const char *name = string(at);
        if (!add_file(program->lines, name, leb(at, false))) {
            return no_memory(program->lines->reader);
        }
        break;
    }
    default:
        break;
    }
    at->at = start + length;
    return true;
}

static void advance(struct program *program, struct state *state, uint64_t steps)
{
    state->line.low += program->least_length * steps;
}

static bool standard(struct program *program, struct state *state, unsigned opcode)
{
    struct cursor *at = &program->code;
    switch (opcode) {
    case 0:
        return extended(program, state);
    case DW_LNS_copy:
        return add_line(program, state);
    case DW_LNS_advance_pc:
        advance(program, state, leb(at, false));
        break;
    case DW_LNS_advance_line:
        state->line.number += (uint32_t)leb(at, true);
        break;
    case DW_LNS_set_file:
        state->file = leb(at, false);
        break;
    case DW_LNS_const_add_pc:
        advance(program, state, (255 - program->opcode_base) / program->line_range);
        break;
    case DW_LNS_fixed_advance_pc:
        state->line.low += number(at, 2);
        break;
    default:
        for (unsigned i = 0; i < program->lengths[opcode - 1]; i++) {
            leb(at, false);
        }
    }
    return true;
}

static bool special(struct program *program, struct state *state, unsigned opcode)
{
    unsigned adjusted = opcode - program->opcode_base;
    advance(program, state, adjusted / program->line_range);
    state->line.number += (uint32_t)(program->line_base + (int)(adjusted % program->line_range));
    return add_line(program, state);
}

static bool run(struct program *program)
{
    struct cursor *at = &program->code;
    struct state state = {.line = {.number = 1}, .file = 1};
    state.sequence.first = program->lines->lines.count;
    while (at->at < at->end && !at->bad) {
        unsigned opcode = (unsigned)number(at, 1);
        bool fine = opcode >= program->opcode_base ? special(program, &state, opcode)
                                                   : standard(program, &state, opcode);
        if (!fine) {
            return false;
        }
    }
    program->lines->lines.count = state.sequence.first;
    return !at->bad || damaged(program);
}

bool read_line_program(struct line_reader *lines, uint64_t offset, const char *directory)
{
    struct program program = {.lines = lines, .directory = directory};
    uint32_t before = lines->seen.count;
    if (intern(&lines->seen, &offset, sizeof offset) <= before) {
        return true;
    }
    if (offset >= lines->programs.size) {
        return damaged(&program);
    }
    program.header = (struct cursor){.at = lines->programs.at + offset,
                                     .end = lines->programs.at + lines->programs.size,
                                     .swapped = lines->swapped};
    lines->directories.count = lines->files.count = 0;
    return read_header(&program) && run(&program);
}

/* ---- the table ---- */

static int by_low_then_longest(const void *a, const void *b)
{
    const struct sequence *one = a, *other = b;
    if (one->low != other->low) {
        return one->low < other->low ? -1 : 1;
    }
    if (one->high != other->high) {
        return one->high > other->high ? -1 : 1;
    }
    return (one->order > other->order) - (one->order < other->order);
}

/* Where sequences overlap the first one counts, and the rest of the one that reaches further. */
void build_lines(struct line_reader *lines)
{
    struct symtab *table = lines->reader->table;
    struct sequence *sequences = lines->sequences.items;
    uint64_t high = 0;
    if (lines->sequences.count == 0) {
        return;
    }
    qsort(sequences, lines->sequences.count, sizeof *sequences, by_low_then_longest);
    table->lines =
        persist_array(lines->lines.count + lines->sequences.count, sizeof *table->lines, 0);
    for (size_t i = 0; i < lines->sequences.count; i++) {
        const struct sequence *sequence = &sequences[i];
        const struct line *line = (const struct line *)lines->lines.items + sequence->first;
        const struct line *end = line + sequence->count;
        struct line *out = table->lines + table->line_count;
        if (sequence->high <= high) {
            continue;
        }
        if (table->line_count > 0 && sequence->low <= high) {
            out--; /* no gap: what marks its start is overwritten */
        }
        while (line + 1 < end && line[1].low <= high) {
            line++;
        }
        for (; line < end; line++) {
            *out = *line;
            out->low = line->low < high ? high : line->low;
            out++;
        }
        *out = (struct line){.low = sequence->high};
        high = sequence->high;
        table->line_count = (size_t)(out - table->lines) + 1;
    }
}

/* ---- the sections ---- */

static struct bytes section_bytes(Elf *elf, const char *name)
{
    Elf_Scn *scn = debug_section(elf, name);
    Elf_Data *data = scn == NULL ? NULL : elf_getdata(scn, NULL);
    return data == NULL || data->d_buf == NULL ? (struct bytes){NULL, 0}
                                               : (struct bytes){data->d_buf, data->d_size};
}

void open_lines(struct line_reader *lines, struct reader *reader)
{
    GElf_Ehdr header;
    lines->reader = reader;
    gelf_getehdr(reader->elf, &header);
    lines->swapped =
        (header.e_ident[EI_DATA] == ELFDATA2LSB) != (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
    lines->programs = section_bytes(reader->elf, "line");
    lines->line_strings = section_bytes(reader->elf, "line_str");
    lines->strings = section_bytes(reader->elf, "str");
}

void close_lines(struct line_reader *lines)
{
    free(lines->lines.items);
    free(lines->sequences.items);
    free(lines->directories.items);
    free(lines->files.items);
}
