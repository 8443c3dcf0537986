package convoy.dataprep;

import convoy.storage.Storage;
import java.io.IOException;
import java.io.Serializable;
import java.util.Iterator;

/** The share of a source that one task reads; public because Spark's encoders take no other. */
public interface SourceSlice extends Serializable {
  /**
   * The items of this slice, always in the same order.
   *
   * @throws IOException if its files can't be read; bad content is a {@link SourceItem.Problem}
   */
  Iterator<SourceItem> read(Storage storage) throws IOException;
}
