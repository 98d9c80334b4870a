// SPDX-License-Identifier: MIT

import CLibXML2

/// The state of libxml2 that all threads of a process share.
enum LibXML2 {
    /// Initializes libxml2 when it is first read. Every use of libxml2 must come after that.
    ///
    /// libxml2 2.9 creates some of its tables on first use, without a lock: threads that parse at the same time can then free or read
    /// a table that another thread is still building. A Swift constant is initialized once, while other threads wait.
    ///
    /// Everything else that this module uses belongs to one document, one schema or, like the structured error handler, one thread.
    static let isReady: Void = {
        // Character encodings, the dictionary's lock, and input callbacks. Has a lock of its own, but not in every version.
        xmlInitParser()
        // The registry of data type libraries, which `xmlRelaxNGParse` would create.
        xmlRelaxNGInitTypes()
        // The built-in data types of XML Schema, which the first value that is validated would create.
        xmlSchemaInitTypes()
    }()
}
