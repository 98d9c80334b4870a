// SPDX-License-Identifier: MIT
// The parts of libxml2 that read and validate; nothing that fetches.

// Its headers would bring those of ICU, which Foundation brings too, in another version: the two do not go together, and which of them
// the compiler sees first is a matter of luck. Nothing here is converted by ICU.
#include <libxml/xmlversion.h>
#undef LIBXML_ICU_ENABLED

#include <libxml/SAX2.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/relaxng.h>
#include <libxml/tree.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlschemastypes.h>
