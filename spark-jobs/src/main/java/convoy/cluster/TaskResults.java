package convoy.cluster;

import java.io.Serializable;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.apache.spark.SparkEnv;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.serializer.SerializerInstance;
import scala.Function1;
import scala.collection.Iterator;
import scala.reflect.ClassTag$;
import scala.runtime.BoxedUnit;

/** What the tasks of a job return, one result each, taken as it comes. */
public final class TaskResults {
  private TaskResults() {}

  /**
   * A result as bytes. Spark reads what has come faster than it is used, several at the same time:
   * large ones are to wait as they were sent.
   */
  public static byte[] packed(Object result) {
    ByteBuffer bytes = serializer().serialize(result, ClassTag$.MODULE$.apply(result.getClass()));
    byte[] packed = new byte[bytes.remaining()];
    bytes.get(packed);
    return packed;
  }

  /** The result that {@link #packed} gave. */
  public static <T> T unpacked(byte[] packed, Class<T> type) {
    return serializer().deserialize(ByteBuffer.wrap(packed), ClassTag$.MODULE$.<T>apply(type));
  }

  private static SerializerInstance serializer() {
    return SparkEnv.get().serializer().newInstance();
  }

  /** Takes the one element of a partition. */
  private interface OnlyElement<T> extends Function1<Iterator<T>, T>, Serializable {}

  /**
   * Runs a job, where a {@code collect} would hold all results until the last is there.
   *
   * @param results one in each partition
   * @param use is given one after the other, in whatever order; the job fails with what it throws
   */
  public static <T> void forEach(JavaRDD<T> results, Class<T> type, Consumer<T> use) {
    OnlyElement<T> only = partition -> partition.next();
    results
        .context()
        .runJob(
            results.rdd(),
            only,
            (partition, result) -> {
              use.accept(result);
              return BoxedUnit.UNIT;
            },
            ClassTag$.MODULE$.<T>apply(type));
  }
}
