// SPDX-License-Identifier: MIT
// The parts of libxml2 that read, validate and match; nothing that fetches.

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/relaxng.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlregexp.h>

// xmlFree is a variable, which Swift does not let one call.
static inline void p11gen_xmlFree(void *memory) { xmlFree(memory); }
