// SPDX-License-Identifier: MIT
// The parts of libxml2 that read and validate; nothing that fetches.

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/relaxng.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
