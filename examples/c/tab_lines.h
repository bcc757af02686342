/* tab_lines.h: reads lines of the form ID<TAB>REST for hash.c and verify.c, wherever REST may be a password. */
#ifndef TAB_LINES_H
#define TAB_LINES_H

#include <stdio.h>
#include <string.h>

struct tab_line {
  char text[512]; /* ID, a NUL where the tab was, REST */
  const char* rest;
  size_t rest_length;
};

/* Reads the next line. Returns 1, 0 at the end of the input, or -1 for a line that is too long or has no tab.
 * Character by character: fgets cannot tell a NUL in a password from the end of the line, and getline may move its
 * buffer and leave a copy of the password where it was. */
static int read_tab_line(FILE* input, struct tab_line* line) {
  size_t length = 0;
  int c;
  while ((c = getc(input)) != EOF && c != '\n') {
    if (length == sizeof line->text - 1) return -1;
    line->text[length++] = (char)c;
  }
  if (c == EOF && length == 0) return 0;
  line->text[length] = '\0';
  char* tab = memchr(line->text, '\t', length);
  if (tab == NULL) return -1;
  *tab = '\0';
  line->rest = tab + 1;
  line->rest_length = length - (size_t)(line->rest - line->text);
  return 1;
}

#endif
