/* The line programs of .debug_line. libdw runs them too, but it sorts what comes out so that the
 * end of one stretch of code and the start of the next can no longer be told apart. */
#ifndef LINES_H
#define LINES_H

#include "reader.h"

struct bytes {
    const unsigned char *at;
    size_t size;
};

struct line_reader {
    struct reader *reader;
    struct bytes programs, line_strings, strings; /* sections; empty where the file has none */
    bool swapped;                                 /* of the other byte order than this machine */
    struct pile lines, sequences;
    struct pile directories, files; /* of the current program */
    struct intern seen;             /* the offsets of the programs that have been read */
};

/* To be called once libdw has opened the file: it decompresses the sections. */
void open_lines(struct line_reader *lines, struct reader *reader);
void close_lines(struct line_reader *lines);

/* Runs the program at this offset, unless it has been read already: units may share one. Relative
 * file names are relative to `directory`, which may be NULL. */
bool read_line_program(struct line_reader *lines, uint64_t offset, const char *directory);

/* Builds the table of lines. */
void build_lines(struct line_reader *lines);

#endif
