package convoy.averaging;

import com.esotericsoftware.kryo.Kryo;
import convoy.cluster.LongsSerializer;
import convoy.cluster.Numerics;
import convoy.cluster.RecordSerializer;
import convoy.engine.data.Shard;
import convoy.engine.evaluation.ConfusionMatrix;
import convoy.engine.evaluation.Evaluation;
import convoy.engine.tensor.Shape;
import convoy.engine.training.TrainingMetrics;
import convoy.sharding.ImageRow;
import convoy.sharding.ReplicaData;
import convoy.sharding.RowUse;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.serializer.KryoRegistrator;

/** Registers all classes that travel between driver and executors. */
public final class ConvoyRegistrator implements KryoRegistrator {
  /** The records among them. */
  static final List<Class<? extends Record>> RECORDS =
      List.of(
          Shape.class,
          Shard.class,
          ReplicaData.class,
          RowUse.class,
          ImageRow.class,
          ModelState.class,
          Numerics.class,
          TrainingMetrics.class,
          ShardReport.class,
          SlicePart.class,
          ReplicaDistances.class,
          AveragedSlice.class);

  private static final List<Class<?>> CLASSES =
      List.of(
          float[].class,
          float[][].class,
          double[].class,
          long[][].class,
          int[].class,
          byte[].class,
          ArrayList.class,
          Evaluation.class,
          ConfusionMatrix.class);

  @Override
  public void registerClasses(Kryo kryo) {
    for (Class<? extends Record> type : RECORDS) {
      register(kryo, type);
    }
    CLASSES.forEach(kryo::register);
    kryo.register(long[].class, new LongsSerializer());
  }

  private static <T extends Record> void register(Kryo kryo, Class<T> type) {
    kryo.register(type, new RecordSerializer<>(type));
  }
}
