#include "reader.h"

bool symtab_find(const struct symtab *table, uint64_t address, struct answer *answer)
{
    *answer = (struct answer){0};
    if (section_of(table, address) == NULL) {
        return false;
    }
    size_t i = upper(table->lines, table->line_count, sizeof *table->lines, address);
    if (i > 0) {
        const struct line *line = &table->lines[i - 1];
        answer->file = line->file;
        answer->line = line->number;
        answer->discriminator = line->discriminator;
    }
    i = upper(table->spans, table->span_count, sizeof *table->spans, address);
    if (i > 0) {
        answer->function = table->spans[i - 1].name;
    }
    const struct function *function = answer->function == NULL ? function_at(table, address) : NULL;
    if (function != NULL) {
        answer->function = function->name;
        if (answer->file == NULL) {
            answer->file = function->file;
        }
    }
    return answer->function != NULL || answer->file != NULL;
}
